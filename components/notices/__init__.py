"""What Oracle Cloud itself tells by mail: of cost, and of failures below Kubernetes."""
