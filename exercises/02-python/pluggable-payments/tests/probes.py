"""A service whose gateways are ours, gateways whose vendors are ours, and a note of every call."""

import sys


class Noted:
    """A complete gateway that notes what it is asked for."""

    def __init__(self, name, calls, raises=None):
        self.name, self.calls, self.raises = name, calls, raises

    def charge(self, amount, reference):
        self.calls.append([self.name, "charge", amount, reference])
        if self.raises:
            raise self.raises
        return f"{self.name}-{len(self.calls)}"

    def refund(self, id, amount):
        self.calls.append([self.name, "refund", id, amount])


def service_alone():
    """The service's module, where there is no module of gateways."""
    sys.modules["payments.gateways"] = None
    import payments.service

    return payments.service


def told(ask, *given):
    try:
        value = ask(*given)
    except NotImplementedError:
        raise
    except Exception as error:
        return {
            "raised": [kind.__name__ for kind in type(error).__mro__],
            "text": f"{type(error).__name__}: {error}",
            "cause": type(error.__cause__).__name__,
        }
    return {"value": value, "raised": []}


def pay_and_refund(methods, late, pays):
    """Make a service of the ``methods``, register those that come ``late``, pay by each of ``pays``, and refund."""
    payments, calls = service_alone(), []
    service = payments.PaymentService({name: Noted(name, calls) for name in methods})
    for name in late:
        service.register(name, Noted(name, calls))
    paid = [told(service.pay, method, amount, reference) for method, amount, reference in pays]
    receipts = [seen["value"] for seen in paid if "value" in seen]
    refunds = [told(service.refund, receipt) for receipt in receipts]
    return {"paid": paid, "refunds": refunds, "calls": calls}


def register_twice(method):
    payments, calls = service_alone(), []
    service = payments.PaymentService({method: Noted("first", calls)})
    seen = told(service.register, method, Noted("second", calls))
    told(service.pay, method, 1, "booking")
    return {"raised": seen["raised"], "charged": calls[0][0] if calls else "no"}


def pay_with_an_error(error):
    payments = service_alone()
    raised = getattr(payments, error)("as it was")
    service = payments.PaymentService({"card": Noted("card", [], raised)})
    try:
        service.pay("card", 1, "booking")
    except Exception as caught:
        return {"same": caught is raised, "text": f"{type(caught).__name__}: {caught}"}
    return {"same": False, "text": "no error"}


def two_services():
    payments = service_alone()
    one, other = payments.PaymentService({}), payments.PaymentService({})
    one.register("momo", Noted("momo", []))
    return told(other.pay, "momo", 1, "booking")["raised"]


def admit(kind, by):
    """Offer the service an incomplete gateway; tell where it was refused, or how far it came."""
    payments = service_alone()

    class OnlyCharges:
        def charge(self, amount, reference):
            return "id"

    class OnlyRefunds:
        def refund(self, id, amount):
            pass

    class Inherits(payments.Gateway):
        def charge(self, amount, reference):
            return "id"

    class InheritsRefund(payments.Gateway):
        def refund(self, id, amount):
            pass

    kinds = {each.__name__: each for each in (OnlyCharges, OnlyRefunds, Inherits, InheritsRefund)}

    def offer():
        gateway = kinds[kind]()
        if by == "register":
            payments.PaymentService({}).register("momo", gateway)
        else:
            payments.PaymentService({"momo": gateway})

    return told(offer)["raised"]


class CardVendor:
    class Declined(Exception):
        pass

    def __init__(self, behaviour, calls):
        self.behaviour, self.calls = behaviour, calls

    def _answer(self, *call):
        self.calls.append([*call, *[type(each).__name__ for each in call[1:]]])
        if self.behaviour == "refuses":
            raise self.Declined("no money on it")
        if self.behaviour == "is down":
            raise ConnectionResetError("reset by peer")
        return "ch-7"

    def create_charge(self, cents, reference):
        return self._answer("create_charge", cents, reference)

    def refund_charge(self, id, cents):
        return self._answer("refund_charge", id, cents)


class WalletVendor:
    def __init__(self, behaviour, calls):
        self.behaviour, self.calls = behaviour, calls

    def _answer(self, done, *call):
        self.calls.append([*call, *[type(each).__name__ for each in call[1:]]])
        if self.behaviour == "refuses":
            return {"status": "refused", "reason": "no money on it"}
        if self.behaviour == "is down":
            raise ConnectionResetError("reset by peer")
        return {"status": "done"} | done

    def transfer(self, amount, reference):
        return self._answer({"id": "w-7"}, "transfer", amount, reference)

    def reverse(self, id, amount):
        return self._answer({}, "reverse", id, amount)


def ask_gateway(gateway, action, given, behaviour="works"):
    import payments.gateways

    calls = []
    vendor = {"CardGateway": CardVendor, "WalletGateway": WalletVendor}[gateway](behaviour, calls)
    adapted = getattr(payments.gateways, gateway)(vendor)
    return told(getattr(adapted, action), *given) | {"calls": calls}


def gateways_fit():
    import payments.gateways
    import payments.service

    gateways = {"card": CardVendor, "wallet": WalletVendor}
    classes = {"card": payments.gateways.CardGateway, "wallet": payments.gateways.WalletGateway}
    return told(
        lambda: payments.service.PaymentService({n: classes[n](gateways[n]("works", [])) for n in gateways}) and "fits"
    )
