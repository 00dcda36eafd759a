package gitops

func (x *indexFile) renewTrees(trees map[string]Hash, base *treeReader) { x.dropExtension("TREE") }
