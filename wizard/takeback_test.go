package wizard_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/wizard"
	"spanwalk/wizard/wizardtest"
)

// undecided is a person who looks at what taking back would do and stops.
type undecided struct {
	*wizardtest.Script
	saw *wizard.TakeBack
}

func (u *undecided) TakeBack(_ context.Context, t *wizard.TakeBack) (wizard.Way, error) {
	u.saw = t
	return wizard.Undecided, nil
}

// TestTakeBackSaysWhatItWouldDo: files, who changed them later, and the ways
// with what each leaves.
func TestTakeBackSaysWhatItWouldDo(t *testing.T) {
	dir := project(t, map[string]string{"a.py": "import sentry_sdk\n\nwith sentry_sdk.start_transaction(name='a') as tx:\n    tx.set_data('k', 1)\n",
		"requirements.txt": "sentry-sdk>=2.60\n", "init.py": "import sentry_sdk\nsentry_sdk.init(traces_sample_rate=1.0)\n"})
	all, err := wizard.Open(wizard.Options{Dir: dir, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := all.Run(context.Background(), &wizard.Headless{Out: io.Discard, Err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "a.py", read(t, dir, "a.py")+"# mine\n")
	git(t, dir, "commit", "-q", "-am", "Touch a.py")
	before := git(t, dir, "rev-parse", "HEAD")

	see := func(step string) *wizard.TakeBack {
		t.Helper()
		w, err := wizard.Open(wizard.Options{Dir: dir, Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		u := &undecided{Script: wizardtest.New(t, "")}
		if _, err := w.Revert(context.Background(), u, wizard.Reverting{Step: step}); !errors.Is(err, wizard.ErrAborted) {
			t.Fatal(err)
		}
		return u.saw
	}
	b := see("start-transaction")
	if diff := cmp.Diff([]wizard.Later{{Path: "a.py", Steps: []string{"span-data"}, Own: true}}, b.Later); diff != "" {
		t.Errorf("changed later: %s", diff)
	}
	if diff := cmp.Diff([]string{"a.py"}, b.Files); diff != "" || b.Entry.Step != "start-transaction" {
		t.Errorf("files: %s of %s", diff, b.Entry.Step)
	}
	var ways []wizard.Way
	for _, o := range b.Offers {
		ways = append(ways, o.Way)
	}
	if diff := cmp.Diff([]wizard.Way{wizard.Dependents, wizard.Redo, wizard.Alone}, ways); diff != "" {
		t.Errorf("ways: %s", diff)
	}
	if first, last := b.Offers[0], b.Offers[len(b.Offers)-1]; first.After != 0 || last.After != b.Reversal.After || last.After == 0 || len(first.Steps) == 0 {
		t.Errorf("offers %+v", b.Offers)
	}
	if b := see("sdk-version"); b.Reversal.Worse() || b.Offers[0].Way != wizard.Alone || len(b.Later) != 0 {
		t.Errorf("of a step that nothing needs: %+v", b)
	}
	if after := git(t, dir, "rev-parse", "HEAD"); after != before || git(t, dir, "status", "--porcelain") != "" {
		t.Error("looking changed something")
	}
}
