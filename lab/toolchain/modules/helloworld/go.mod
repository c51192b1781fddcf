module okemesh/lab/toolchain

go 1.26.0
