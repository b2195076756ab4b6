// Package proc runs other programs of this machine.
//
//	output.go   a program that runs to its end, with an error that has what it printed
//	child.go    a program that stays and answers, until it is closed or killed
//	group*.go   what a program is spared, or gets, when this one is interrupted or killed
package proc
