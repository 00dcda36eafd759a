package wizard

// StopAt has every point between two writes of a commit call stop.
func (w *Walk) StopAt(stop func(point string) error) { w.stop = stop }
