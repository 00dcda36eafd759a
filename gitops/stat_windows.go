package gitops

import (
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// ownedByUser accepts everything: who owns a folder on Windows needs the
// installed git to say.
func ownedByUser(string) bool { return true }

// statOf returns what the index remembers of a file; like git on Windows it
// leaves device, inode and owner empty.
func statOf(path string) (indexStat, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return indexStat{}, err
	}
	t := info.ModTime()
	return indexStat{
		mtimeSec: uint32(t.Unix()), mtimeNsec: uint32(t.Nanosecond()), size: uint32(info.Size()),
	}, nil
}

// keepOwner does nothing: the folder decides on Windows.
func keepOwner(string, fs.FileInfo) {}

// writableDir leaves the answer to the write itself.
func writableDir(string) bool { return true }

// processAlive tells whether a process with this id runs.
func processAlive(pid int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return false
	}
	defer windows.CloseHandle(h)
	var code uint32
	const stillActive = 259
	return windows.GetExitCodeProcess(h, &code) == nil && code == stillActive
}
