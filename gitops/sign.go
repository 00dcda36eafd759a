package gitops

import "bytes"

// storeCommit writes a commit object. Where the user signs commits, the
// installed git makes it, so that the configured program, key and format are
// used exactly as git uses them.
func (r *Repo) storeCommit(c commitObject, noSign bool) (Hash, error) {
	if _, signed := r.why[signByGit]; !signed || noSign {
		return r.objects.write(commitKind, c.encode())
	}
	args := []string{"-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-S", string(c.tree)}
	for _, p := range c.parents {
		args = append(args, "-p", string(p))
	}
	git := r.git
	git.env = append(c.author.authorEnv(), c.committer.committerEnv()...)
	out, err := git.run([]byte(c.message), args...)
	if err != nil {
		return "", &SignError{err}
	}
	return Hash(bytes.TrimSpace(out)), nil
}
