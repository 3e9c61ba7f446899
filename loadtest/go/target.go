package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// allAimedAt takes one address, or several with commas between.
func allAimedAt(ctx context.Context, listed string, named []string) ([]*url.URL, error) {
	var targets []*url.URL
	for each := range strings.SplitSeq(listed, ",") {
		target, err := aimedAt(ctx, each, named)
		if err != nil {
			return nil, err
		}
		targets = append(targets, target)
	}
	return targets, nil
}

// aimedAt refuses a host outside this machine and its cluster, unless it is named twice: load hurts, and an
// address is soon mistyped.
func aimedAt(ctx context.Context, target string, named []string) (*url.URL, error) {
	parsed, err := url.Parse(target)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, fmt.Errorf("%q is not an address as http://127.0.0.1:8080", target)
	}
	host := parsed.Hostname()
	if slices.Contains(named, host) || strings.HasSuffix(host, ".svc") || strings.HasSuffix(host, ".svc.cluster.local") {
		return parsed, nil
	}
	addresses, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be found: %w", host, err)
	}
	for _, address := range addresses {
		if !address.IP.IsLoopback() {
			return nil, fmt.Errorf(
				"%s (%s) is neither this machine nor a service of its cluster: if it is yours and may be loaded, name it again with --host %s",
				host, address.IP, host,
			)
		}
	}
	return parsed, nil
}
