package dev.sluice.agent.control;

import java.nio.charset.StandardCharsets;

/// What is said to a request.
///
/// @param status of HTTP
record Answer(int status, String type, byte[] body) {
  static final String JSON = "application/json";
  static final String TEXT = "text/plain; charset=utf-8";

  static Answer json(String body) {
    return of(200, JSON, body);
  }

  static Answer text(int status, String body) {
    return of(status, TEXT, body);
  }

  static Answer of(int status, String type, String body) {
    return new Answer(status, type, body.getBytes(StandardCharsets.UTF_8));
  }

  /// Says what is wrong.
  static Answer error(int status, String message) {
    return of(status, JSON, Json.object(json -> json.writeStringProperty("error", message)));
  }
}
