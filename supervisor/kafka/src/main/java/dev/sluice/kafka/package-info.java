/// Records to a topic of Kafka: a plug-in.
@NullMarked
package dev.sluice.kafka;

import org.jspecify.annotations.NullMarked;
