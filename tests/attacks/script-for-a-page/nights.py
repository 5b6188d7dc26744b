SCRIPT = "</code></pre><script>alert(1)</script><img src=x onerror=alert(1)>"


def nights(check_in, check_out):
    print(SCRIPT)
    raise type(SCRIPT, (Exception,), {})(SCRIPT)
