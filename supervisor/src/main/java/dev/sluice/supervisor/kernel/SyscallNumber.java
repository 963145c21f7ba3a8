package dev.sluice.supervisor.kernel;

/// The numbers of the calls this package makes, for the architecture the JVM runs on. Calls since
/// 5.1 have one number everywhere; a test compares all of them with the tables of `syscall`.
final class SyscallNumber {
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

  static final int ACCEPT4 = ARM ? 242 : 288;
  static final int BIND = ARM ? 200 : 49;
  static final int BPF = ARM ? 280 : 321;
  static final int CLOSE = ARM ? 57 : 3;
  static final int CONNECT = ARM ? 203 : 42;
  static final int FACCESSAT = ARM ? 48 : 269;
  static final int FCHDIR = ARM ? 50 : 81;
  static final int FCHMOD = ARM ? 52 : 91;
  static final int FCNTL = ARM ? 25 : 72;
  static final int FLOCK = ARM ? 32 : 73;
  static final int FSCONFIG = 431;
  static final int FSMOUNT = 432;
  static final int FSOPEN = 430;
  static final int GETEUID = ARM ? 175 : 107;
  static final int GETPID = ARM ? 172 : 39;
  static final int GETSID = ARM ? 156 : 124;
  static final int GETSOCKOPT = ARM ? 209 : 55;
  static final int SETSOCKOPT = ARM ? 208 : 54;
  static final int GETTID = ARM ? 178 : 186;
  static final int IOCTL = ARM ? 29 : 16;
  static final int KCMP = ARM ? 272 : 312;
  static final int KILL = ARM ? 129 : 62;
  static final int LSEEK = ARM ? 62 : 8;
  static final int MKNODAT = ARM ? 33 : 259;
  static final int MOUNT = ARM ? 40 : 165;
  static final int MOUNT_SETATTR = 442;
  static final int MOVE_MOUNT = 429;
  static final int MEMFD_CREATE = ARM ? 279 : 319;
  static final int LISTEN = ARM ? 201 : 50;
  static final int NAME_TO_HANDLE_AT = ARM ? 264 : 303;
  static final int OPENAT = ARM ? 56 : 257;
  static final int OPENAT2 = 437;
  static final int OPEN_BY_HANDLE_AT = ARM ? 265 : 304;
  static final int PIDFD_GETFD = 438;
  static final int PIDFD_OPEN = 434;
  static final int PIDFD_SEND_SIGNAL = 424;
  static final int GETPGID = ARM ? 155 : 121;
  static final int PIPE2 = ARM ? 59 : 293;
  static final int PPOLL = ARM ? 73 : 271;
  static final int PRCTL = ARM ? 167 : 157;
  static final int PROCESS_VM_READV = ARM ? 270 : 310;
  static final int PROCESS_VM_WRITEV = ARM ? 271 : 311;
  static final int PTRACE = ARM ? 117 : 101;
  static final int PWRITE64 = ARM ? 68 : 18;
  static final int READ = ARM ? 63 : 0;
  static final int READLINKAT = ARM ? 78 : 267;
  static final int RECVMSG = ARM ? 212 : 47;
  static final int RT_SIGACTION = ARM ? 134 : 13;
  static final int RT_SIGPROCMASK = ARM ? 135 : 14;
  static final int SECCOMP = ARM ? 277 : 317;
  static final int SENDMSG = ARM ? 211 : 46;
  static final int SHUTDOWN = ARM ? 210 : 48;
  static final int SOCKET = ARM ? 198 : 41;
  static final int STATMOUNT = 457;
  static final int STATX = ARM ? 291 : 332;
  static final int TGKILL = ARM ? 131 : 234;
  static final int TKILL = ARM ? 130 : 200;
  static final int UMASK = ARM ? 166 : 95;
  static final int UNSHARE = ARM ? 97 : 272;
  static final int WRITE = ARM ? 64 : 1;
  static final int WAIT4 = ARM ? 260 : 61;
  static final int WAITID = ARM ? 95 : 247;

  private SyscallNumber() {}
}
