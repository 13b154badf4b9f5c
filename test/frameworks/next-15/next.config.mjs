import { withPaw } from "unplugin-paw/next";

export default withPaw({ reactStrictMode: true });
