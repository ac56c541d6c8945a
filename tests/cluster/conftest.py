"""What a landing leaves to full runs: the guide's balancers, whose machines in namespaces once did not reach each other in time."""

from tests.strength import FULL

collect_ignore = [] if FULL else ["test_balancer.py"]
