import { reactRouter } from "@react-router/dev/vite";
import paw from "unplugin-paw/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [reactRouter(), paw()] });
