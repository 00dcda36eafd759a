package main

import (
	"github.com/spf13/cobra"

	"spanwalk/wizard"
)

func (a *app) reportCommand() *cobra.Command {
	asHTML := false
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write what reviewers need to know, for the pull request",
		Long: `report writes Markdown: the commits of the steps; each decision with its places, what
was recommended and what is lost; what will look different in Sentry; rules for the
server; what is left, and why; comments to read again; and who should look at what.
With --html it is one file with the diffs side by side. It writes to standard output
and changes nothing; it works at any time, also before the first commit.`,
		Example: "  spanwalk report | gh pr create --body-file -\n  spanwalk report --html > migration.html",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), nil, func(w *wizard.Walk) error {
				r, err := w.Report()
				if err != nil {
					return err
				}
				if asHTML {
					return r.HTML(a.out)
				}
				return r.Markdown(a.out)
			})
		},
	}
	cmd.Flags().BoolVar(&asHTML, "html", false, "one self-contained HTML file with side-by-side diffs")
	return cmd
}
