package main

import (
	"syscall"
	"time"
)

// pause waits so long to within a tenth of a millisecond, or less where a signal comes.
func pause(wait time.Duration) {
	left := syscall.NsecToTimespec(wait.Nanoseconds())
	_ = syscall.Nanosleep(&left, nil)
}
