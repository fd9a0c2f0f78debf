"""The register of personal information files (個人情報ファイル簿, 個人情報保護法 75条), generated from the declarations."""
