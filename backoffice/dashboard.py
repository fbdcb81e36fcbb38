"""The console's home page."""


def dashboard(request, context):
    """What a person would want to see first; the figures link to the lists behind them."""
    return context
