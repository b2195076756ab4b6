// Package tokens counts the tokens of requests to models and of their answers: what an answer reports itself, read as it passes, and
// estimates of what is not reported.
//
//	prompt.go  a request: its texts, and how many tokens they are
//	usage.go   an answer or a stream: its usage and its text
//	sieve.go   a JSON object of any size, of which a few members are kept
package tokens
