"""What every service's gRPC shares: servers, channels, deadlines, error mapping."""
