import unittest


class CartCase(unittest.TestCase):
    def test_good(self):
        pass

    def test_bad(self):
        self.assertEqual(1, 2)

    @unittest.skip("no printer")
    def test_printer(self):
        pass

    def test_parts(self):
        for number in range(3):
            with self.subTest("part - one", number=number):
                self.assertLess(number, 2)
