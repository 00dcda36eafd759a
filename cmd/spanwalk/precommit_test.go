package main

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestPreCommitHook holds the hook to what pre-commit wants and to a command
// that exists.
func TestPreCommitHook(t *testing.T) {
	data, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID            string   `yaml:"id"`
		Name          string   `yaml:"name"`
		Description   string   `yaml:"description"`
		Entry         string   `yaml:"entry"`
		Language      string   `yaml:"language"`
		TypesOr       []string `yaml:"types_or"`
		RequireSerial bool     `yaml:"require_serial"`
	}
	if err := yaml.UnmarshalWithOptions(data, &hooks, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if len(hooks) != 1 {
		t.Fatalf("%d hooks, want 1", len(hooks))
	}
	h := hooks[0]
	if h.ID != "spanwalk" || h.Name == "" || h.Language != "golang" || !h.RequireSerial || strings.Join(h.TypesOr, " ") != "python pyi" {
		t.Errorf("%+v", h)
	}
	words := strings.Fields(h.Entry)
	cmd, rest, err := (&app{}).root().Find(words[1:])
	if err != nil || words[0] != "spanwalk" || cmd.Name() != "check" || len(rest) != 0 {
		t.Errorf("entry %q runs %v with %q: %v", h.Entry, cmd.Name(), rest, err)
	}
}
