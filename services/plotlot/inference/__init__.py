"""One contract over the engines that embed texts and answer from passages."""
