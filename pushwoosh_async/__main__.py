"""``python -m pushwoosh_async`` is ``pushwoosh-async``."""

from pushwoosh_async.cli import main

if __name__ == "__main__":
    main()
