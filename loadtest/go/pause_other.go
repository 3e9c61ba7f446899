//go:build !linux

package main

import "time"

// pause waits so long, as well as Go's timers can.
func pause(wait time.Duration) { time.Sleep(wait) }
