package runtime

// Numbers of Linux's system calls (include/uapi/asm-generic/unistd.h).
const (
	gaspSysGetcwd        = 17
	gaspSysEventfd2      = 19
	gaspSysEpollCreate1  = 20
	gaspSysEpollCtl      = 21
	gaspSysEpollPwait    = 22
	gaspSysDup           = 23
	gaspSysDup3          = 24
	gaspSysFcntl         = 25
	gaspSysIoctl         = 29
	gaspSysFlock         = 32
	gaspSysMknodat       = 33
	gaspSysMkdirat       = 34
	gaspSysUnlinkat      = 35
	gaspSysSymlinkat     = 36
	gaspSysLinkat        = 37
	gaspSysRenameat      = 38
	gaspSysTruncate      = 45
	gaspSysFtruncate     = 46
	gaspSysFallocate     = 47
	gaspSysFaccessat     = 48
	gaspSysChdir         = 49
	gaspSysFchdir        = 50
	gaspSysFchmod        = 52
	gaspSysFchmodat      = 53
	gaspSysFchownat      = 54
	gaspSysFchown        = 55
	gaspSysOpenat        = 56
	gaspSysClose         = 57
	gaspSysPipe2         = 59
	gaspSysGetdents64    = 61
	gaspSysLseek         = 62
	gaspSysRead          = 63
	gaspSysWrite         = 64
	gaspSysReadv         = 65
	gaspSysWritev        = 66
	gaspSysPread64       = 67
	gaspSysPwrite64      = 68
	gaspSysReadlinkat    = 78
	gaspSysNewfstatat    = 79
	gaspSysFstat         = 80
	gaspSysFsync         = 82
	gaspSysFdatasync     = 83
	gaspSysUtimensat     = 88
	gaspSysExit          = 93
	gaspSysExitGroup     = 94
	gaspSysFutex         = 98
	gaspSysNanosleep     = 101
	gaspSysSetitimer     = 103
	gaspSysClockGettime  = 113
	gaspSysClockGetres   = 114
	gaspSysSchedGetaffin = 123
	gaspSysSchedYield    = 124
	gaspSysKill          = 129
	gaspSysTkill         = 130
	gaspSysTgkill        = 131
	gaspSysSigaltstack   = 132
	gaspSysRtSigaction   = 134
	gaspSysRtSigprocmask = 135
	gaspSysRtSigreturn   = 139
	gaspSysTimes         = 153
	gaspSysGetpgid       = 155
	gaspSysGetsid        = 156
	gaspSysGetgroups     = 158
	gaspSysUname         = 160
	gaspSysGetrlimit     = 163
	gaspSysSetrlimit     = 164
	gaspSysGetrusage     = 165
	gaspSysUmask         = 166
	gaspSysGettimeofday  = 169
	gaspSysGetpid        = 172
	gaspSysGetppid       = 173
	gaspSysGetuid        = 174
	gaspSysGeteuid       = 175
	gaspSysGetgid        = 176
	gaspSysGetegid       = 177
	gaspSysGettid        = 178
	gaspSysSocket        = 198
	gaspSysSocketpair    = 199
	gaspSysMunmap        = 215
	gaspSysClone         = 220
	gaspSysMmap          = 222
	gaspSysMprotect      = 226
	gaspSysMadvise       = 233
	gaspSysPrlimit64     = 261
	gaspSysRenameat2     = 276
	gaspSysGetrandom     = 278
	gaspSysFaccessat2    = 439
	gaspSysFchmodat2     = 452
)

// Calls that this architecture has no number for: it has newer ones instead.
const (
	gaspSysOpen = 1<<32 + iota
	gaspSysStat
	gaspSysLstat
	gaspSysAccess
	gaspSysPipe
	gaspSysDup2
	gaspSysRename
	gaspSysMkdir
	gaspSysRmdir
	gaspSysCreat
	gaspSysLink
	gaspSysUnlink
	gaspSysSymlink
	gaspSysReadlink
	gaspSysChmod
	gaspSysChown
	gaspSysLchown
	gaspSysGetpgrp
	gaspSysMknod
	gaspSysTime
	gaspSysEpollWait
	gaspSysUtimes
	gaspSysEventfd
)
