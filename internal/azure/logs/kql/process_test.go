//go:build unix

package kql_test

import "syscall"

// alive says whether a process is there; a reaped child is not.
func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
