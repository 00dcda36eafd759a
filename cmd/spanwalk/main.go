// Command spanwalk walks a Python project from Sentry transactions to streamed
// spans, one commit per step.
package main

import (
	"os"
	"runtime/debug"
)

// heapGoal is what the collector keeps the heap below where what is alive
// leaves room: a tree of thirty thousand files needs half of it, and the other
// half would only be garbage. GOMEMLIMIT sets another.
const heapGoal = 265 << 20

// heapGrowth is how much the heap grows, in percent, before the collector runs
// again: more than by default, since most commands end soon. GOGC sets another.
const heapGrowth = 400

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapGoal)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
