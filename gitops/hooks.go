package gitops

func (r *Repo) hasCommitHooks(o Options) bool                     { return false }
func (w *writer) runHooks() error                                 { return nil }
func (w *writer) runPostCommit()                                  {}
func (w *writer) renewExtra(path string, change treeChange) error { return nil }
