package wizard_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spanwalk/wizard"
)

// TestCacheKeepsNothingReadInBetween: a session that was there only while it was
// read is none that the answer may be given for.
func TestCacheKeepsNothingReadInBetween(t *testing.T) {
	dir := project(t, map[string]string{"a.py": "import sentry_sdk\n"})
	time.Sleep(70 * time.Millisecond) // until the files count as written in the past
	cache, o := wizard.OpenCache(filepath.Join(t.TempDir(), "cache")), wizard.Options{Dir: dir}
	for _, meddled := range []bool{false, true} {
		ask := cache.Ask(o, []string{fmt.Sprint(meddled)}, nil)
		if meddled {
			write(t, dir, ".git/spanwalk/session.json", `{"version":1,"skipped":{"start-span":"later"}}`)
		}
		w, err := wizard.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
		ask.Keep(w, wizard.Transcript{})
		if meddled {
			if err := os.Remove(filepath.Join(dir, ".git/spanwalk/session.json")); err != nil {
				t.Fatal(err)
			}
		}
		if _, known := cache.Ask(o, []string{fmt.Sprint(meddled)}, nil).Recall(); known == meddled {
			t.Errorf("meddled %t: kept %t", meddled, known)
		}
	}
}

// TestCacheIsBounded: entries that were not used for long go, and drafts of
// processes that were killed; what is not ours stays.
func TestCacheIsBounded(t *testing.T) {
	dir := project(t, map[string]string{"a.py": "import sentry_sdk\n"})
	time.Sleep(70 * time.Millisecond)
	folder := filepath.Join(t.TempDir(), "cache")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	age := func(name string, days int, size int64) {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		then := time.Now().AddDate(0, 0, -days)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	age("mine.txt", 400, 100<<20)
	age("draft-1.spanwalk", 2, 1)
	age("draft-2.spanwalk", 0, 1)
	age("old.spanwalk", 31, 1)
	age("large1.spanwalk", 3, 40<<20)
	age("large2.spanwalk", 4, 40<<20)
	keepOne(t, folder, dir)
	if got := names(t, folder); got != "draft-2 large1 mine.txt" {
		t.Errorf("left: %s", got)
	}
	for i := range 300 {
		age(fmt.Sprintf("many%d.spanwalk", i), 1, 1)
	}
	keepOne(t, folder, dir)
	if n := len(strings.Fields(names(t, folder))); n != 256 { // with mine.txt, without the one just kept
		t.Errorf("%d entries are left", n)
	}
}

// keepOne puts an empty answer into a cache.
func keepOne(t *testing.T, folder, dir string) {
	t.Helper()
	o := wizard.Options{Dir: dir}
	ask := wizard.OpenCache(folder).Ask(o, nil, nil)
	w, err := wizard.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Read(context.Background()); err != nil {
		t.Fatal(err)
	}
	ask.Keep(w, wizard.Transcript{})
	if _, known := ask.Recall(); !known {
		t.Fatal("nothing was kept")
	}
}

// names lists the files of a cache but for those named by a hash.
func names(t *testing.T, folder string) string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		if name := strings.TrimSuffix(e.Name(), ".spanwalk"); len(name) < 64 {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}
