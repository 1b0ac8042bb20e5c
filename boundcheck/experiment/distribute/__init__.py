"""Where the batches of a campaign are run: in this process, in several of this machine, or on a cluster."""
