package main

import (
	"github.com/spf13/cobra"

	"spanwalk/wizard"
)

func (a *app) demo() *cobra.Command {
	var keep string
	var yes bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Walk a sample project in a temporary repository",
		Long: `demo writes a small shop (an API, a worker, its own tracing module, filters and a
sampler) into a temporary Git repository and walks it. Without a terminal, or with
--yes, it migrates without questions and shows the commits, what changed and what is
left. Nothing outside that folder is touched.`,
		Example: "  spanwalk demo\n  spanwalk demo --keep /tmp/shop",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes && a.interactive() {
				return a.walkDemo(cmd.Context(), keep)
			}
			return wizard.Demo(cmd.Context(), wizard.DemoOptions{Keep: keep, Version: version, Out: a.out, Err: a.err})
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", "put the project into the new folder `DIR` and leave it there")
	a.flags.addLooks(cmd.Flags())
	cmd.Flags().BoolVar(&yes, "yes", false, "ask nothing; take the recommended options")
	return cmd
}
