module plotlot/loadtest

go 1.25

require (
	github.com/HdrHistogram/hdrhistogram-go v1.4.0
	go.yaml.in/yaml/v3 v3.0.6
)
