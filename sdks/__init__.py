"""What the vendors' Python SDKs say of resource types, and inputs judged by it.

The program's tests and the lab's plugins stand on it; it knows of neither.
"""
