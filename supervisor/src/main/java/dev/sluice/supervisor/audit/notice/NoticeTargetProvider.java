package dev.sluice.supervisor.audit.notice;

/// Somebody else records can be sent to, from a plug-in: found by [java.util.ServiceLoader].
public interface NoticeTargetProvider {
  /// What stands before the first colon of `--audit`, such as `kafka`.
  String scheme();

  /// @param place what stands behind it
  /// @throws IllegalArgumentException if that is no place, with what would be right
  NoticeTarget open(String place);
}
