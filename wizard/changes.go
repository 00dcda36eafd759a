package wizard

// Changes says what will look different in Sentry once the tree is deployed.
func (w *Walk) Changes() []string {
	out := []string{
		"no transaction event arrives any more: segments, the spans at the root of their process, take their place",
		"what were data, tags and contexts of spans are attributes; a status is ok or error",
	}
	return out
}
