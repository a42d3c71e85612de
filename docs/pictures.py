"""Makes the pictures that README.md shows, from the code as it stands: ``python docs/pictures.py``."""

from __future__ import annotations

from pathlib import Path

import imbalance_accessor as imb
from imbalance_accessor.present import canvas

HERE = Path(__file__).parent


def main() -> None:
    shown = imb.make_churn().imb.leaks("churn", demonstrate=True, model="forest", progress=False)
    (HERE / "wrong_order.png").write_bytes(canvas.png(shown._pictures()["orders"]))


if __name__ == "__main__":
    main()
