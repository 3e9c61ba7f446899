"""What is measured: questions asked, sections searched, standards read; each makes cases of a run."""
