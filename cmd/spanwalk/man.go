package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"spanwalk/wizard"
)

func (a *app) man() *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the manual page",
		Example: "  spanwalk man | man -l -",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return doc.GenMan(cmd.Root(), &doc.GenManHeader{Title: "SPANWALK", Section: "1", Source: "spanwalk " + version}, a.out)
		},
	}
}

func (a *app) completion() *cobra.Command {
	return &cobra.Command{
		Use:       "completion (bash | zsh | fish | powershell)",
		Short:     "Print a completion script for your shell",
		Example:   "  source <(spanwalk completion bash)",
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &wizard.UsageError{Message: "completion needs the name of one shell", Next: "spanwalk completion bash"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			}
			return &wizard.UsageError{Message: fmt.Sprintf("no completion for shell %q", args[0]), Next: "spanwalk completion bash"}
		},
	}
}
