"""The process that makes the server's certificate, and that of the authority that its clients trust."""

import sys
from pathlib import Path

import trustme


def main(folder: Path) -> None:
    """Write `server.pem` (key and chain) and `authority.pem`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        str(folder / "server.pem")
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
