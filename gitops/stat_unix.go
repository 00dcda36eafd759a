//go:build unix

package gitops

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownedByUser tells whether path belongs to the user who runs us; under sudo,
// also to the one who called it.
func ownedByUser(path string) bool {
	var st unix.Stat_t
	if unix.Lstat(path, &st) != nil {
		return false
	}
	user := os.Geteuid()
	if int(st.Uid) == user {
		return true
	}
	sudo, err := strconv.Atoi(os.Getenv("SUDO_UID"))
	return user == 0 && err == nil && int(st.Uid) == sudo
}

// statOf returns what the index remembers of a file.
func statOf(path string) (indexStat, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return indexStat{}, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	return indexStat{
		ctimeSec: uint32(st.Ctim.Sec), ctimeNsec: uint32(st.Ctim.Nsec),
		mtimeSec: uint32(st.Mtim.Sec), mtimeNsec: uint32(st.Mtim.Nsec),
		dev: uint32(st.Dev), ino: uint32(st.Ino), uid: st.Uid, gid: st.Gid, size: uint32(st.Size),
	}, nil
}

// keepOwner gives the new file the owner of the old one where we may.
func keepOwner(newPath string, old fs.FileInfo) {
	st, ok := old.Sys().(*syscall.Stat_t)
	if ok && (int(st.Uid) != os.Geteuid() || int(st.Gid) != os.Getegid()) {
		_ = os.Lchown(newPath, int(st.Uid), int(st.Gid)) // only the superuser may; others keep their own
	}
}

// writableDir tells whether files may be made in dir.
func writableDir(dir string) bool { return unix.Access(dir, unix.W_OK|unix.X_OK) == nil }

// processAlive tells whether a process with this id runs.
func processAlive(pid int) bool {
	err := unix.Kill(pid, 0)
	return err == nil || err == unix.EPERM
}
