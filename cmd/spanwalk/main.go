// Command spanwalk walks a Python project from Sentry transactions to streamed
// spans, one commit per step.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
