package gitops

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Process names one running process so surely that a later one with the same
// number is not taken for it.
type Process struct {
	PID   int    `json:"pid"`
	Start string `json:"start"` // when it started, as the system counts; empty where unknown
	Host  string `json:"host"`  // machine or container
}

// thisProcess returns who we are.
func thisProcess() Process {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return Process{PID: os.Getpid(), Start: startOf(os.Getpid()), Host: host}
}

// startOf returns a text that differs between two processes with one number:
// the boot and the clock tick in which it started. Empty where the system has
// no /proc, and for a process that has ended and only waits to be collected.
func startOf(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name in parentheses may hold blanks
	fields := strings.Fields(after)
	const state, startTime = 0, 19
	if len(fields) <= startTime || fields[state] == "Z" {
		return ""
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return fields[startTime]
	}
	return strings.TrimSpace(string(boot)) + "/" + fields[startTime]
}

// patience is how long a process on another machine, or in a container that is
// gone, counts as running: we cannot look, and a change takes minutes at most.
const patience = time.Hour

// alive tells whether the process, busy since then, may still run.
func (p Process) alive(since time.Time) bool {
	if p.Host != thisProcess().Host {
		return time.Since(since) < patience
	}
	return processAlive(p.PID) && (p.Start == "" || startOf(p.PID) == p.Start)
}

// lockMark begins the content of our lock files.
const lockMark = "spanwalk"

// lockText is the content of a lock file that this process makes.
func (p Process) lockText() string {
	return fmt.Sprintf("%s %d %s %s\n", lockMark, p.PID, orDash(p.Start), p.Host)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// parseLock reads the content of a lock file; false if it is not one of ours.
func parseLock(text string) (Process, bool) {
	fields := strings.Fields(text)
	if len(fields) != 4 || fields[0] != lockMark {
		return Process{}, false
	}
	pid, err := strconv.Atoi(fields[1])
	if err != nil {
		return Process{}, false
	}
	return Process{PID: pid, Start: strings.TrimPrefix(fields[2], "-"), Host: fields[3]}, true
}
