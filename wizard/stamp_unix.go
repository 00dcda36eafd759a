//go:build unix

package wizard

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// stampsTell reports whether stamps are good for anything here.
const stampsTell = true

// stampOf returns the stamp of what is at path; a symbolic link has its own.
func stampOf(path string) stamp {
	var st unix.Stat_t
	err := unix.Lstat(path, &st)
	for errors.Is(err, unix.EINTR) {
		err = unix.Lstat(path, &st)
	}
	return newStamp(&st, err)
}

// stampOpen returns the stamp of an open file.
func stampOpen(fd int) stamp {
	var st unix.Stat_t
	return newStamp(&st, unix.Fstat(fd, &st))
}

func newStamp(st *unix.Stat_t, err error) stamp {
	if err != nil {
		var number syscall.Errno
		errors.As(err, &number)
		return stamp{failed: uint32(number)}
	}
	return stamp{device: uint64(st.Dev), inode: st.Ino, size: uint64(st.Size), mode: uint32(st.Mode),
		written: st.Mtim.Nano(), changed: st.Ctim.Nano()}
}

// ownFolder reports whether path is a folder of the user's own that not
// everybody may write to.
func ownFolder(path string) bool {
	var st unix.Stat_t
	return unix.Stat(path, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR && int(st.Uid) == os.Geteuid() && st.Mode&unix.S_IWOTH == 0
}
