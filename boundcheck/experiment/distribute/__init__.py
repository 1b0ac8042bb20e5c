"""Where the batches of a campaign are run: in this process, in several of this machine, or on a cluster."""

from boundcheck.experiment.distribute.dask import cluster, local_cluster
from boundcheck.experiment.distribute.inline import here
from boundcheck.experiment.distribute.place import Place

__all__ = ["Place", "cluster", "here", "local_cluster"]
