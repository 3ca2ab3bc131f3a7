/// A program for Python that sends raw bytes over TLS and reports what came back.
///
/// It reads one JSON object from standard input: port, authority (path of a PEM file), version and cases (a list of hexadecimal strings). It opens a new
/// connection for each case, sends its bytes, reads to the end, and prints the answers as a JSON list of strings (Latin-1). An answer that ended by a
/// reset or without TLS's farewell has "!" in front.
let tlsScript = """
    import json
    import socket
    import ssl
    import sys

    order = json.load(sys.stdin)
    context = ssl.create_default_context(cafile=order["authority"])
    context.set_alpn_protocols(["http/1.1"])
    context.minimum_version = getattr(ssl.TLSVersion, order.get("version", "TLSv1_3"))
    context.maximum_version = context.minimum_version
    answers = []
    for case in order["cases"]:
        data = bytearray()
        mark = ""
        with socket.create_connection(("127.0.0.1", order["port"]), timeout=60) as plain:
            with context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as secure:
                assert secure.selected_alpn_protocol() == "http/1.1"
                try:
                    secure.sendall(bytes.fromhex(case))
                    while piece := secure.recv(65536):
                        data += piece
                except OSError:
                    mark = "!"
        answers.append(mark + data.decode("latin-1"))
    json.dump(answers, sys.stdout)
    """
