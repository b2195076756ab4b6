// Package hosts serves the embedded Azure to programs that are not this one: over HTTPS on loopback, under Azure's real host names, through a proxy
// that every client of Azure's knows how to use (HTTPS_PROXY) and with a certificate authority of its own (SSL_CERT_FILE, REQUESTS_CA_BUNDLE).
//
//	hosts.go      Open: the front with its hosts, its deployer and what a client must be given
//	proxy.go      CONNECT: Azure's names end here, every other name is refused
//	manager.go    Resource Manager behind its door: tokens, request ids, the metadata of the cloud
//
// Nothing leaves the machine: the proxy opens no connection, it answers itself.
package hosts
