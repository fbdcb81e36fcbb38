"""What somebody sent, looked into before it is kept: its kind, its size, what is hidden in it, and a clean
copy without it. Nothing here knows what the file is for.
"""

from .antivirus import Scan
from .limits import Limits, document_limits, picture_limits
from .looking import Inspected, inspect, inspect_together
from .pages import Picture, page_of, page_picture, small_pictures

__all__ = [
    "Inspected",
    "Limits",
    "Picture",
    "Scan",
    "document_limits",
    "inspect",
    "inspect_together",
    "page_of",
    "page_picture",
    "picture_limits",
    "small_pictures",
]
