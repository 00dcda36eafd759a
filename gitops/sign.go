package gitops

func (r *Repo) storeCommit(c commitObject) (Hash, error) {
	return r.objects.write(commitKind, c.encode())
}
