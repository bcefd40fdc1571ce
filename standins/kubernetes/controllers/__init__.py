"""The controllers that make objects mean something: workloads, namespaces, garbage collection, load balancers."""
