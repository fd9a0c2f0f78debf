"""What has been kept for long enough, who agrees that it goes, and what proves that it is gone? (保存年限, 個人情報保護法 66条)"""
